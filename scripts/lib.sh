# Sourced by check, test and .ci/run: named steps with their times, and one summary at the end.
# A step that ends with 77 was skipped for want of a program that could not be installed; it says why itself.

failed=() skipped=() report=()

step() { # step NAME COMMAND...
  local name=$1 began=$SECONDS rc=0 word
  shift
  printf '\n== %s\n' "$name"
  "$@" || rc=$?
  case $rc in
    0) word=ok ;;
    77) word=skipped; skipped+=("$name") ;;
    *) word=FAILED; failed+=("$name") ;;
  esac
  report+=("$(printf '%6ds  %-8s %s' $((SECONDS - began)) "$word" "$name")")
}

summary() { # prints the table; fails if a step failed
  printf '\n'
  printf '%s\n' "${report[@]}"
  printf '%6ds  in all\n' "$SECONDS"
  if ((${#skipped[@]})); then
    printf 'NOT RUN here (the reason stands above): %s\n' "${skipped[*]}"
  fi
  if ((${#failed[@]})); then
    printf 'FAILED: %s\n' "$(IFS=,; echo "${failed[*]}")"
    return 1
  fi
}

free_port() { # prints a port of 127.0.0.1 on which nobody listens
  local port
  while :; do
    port=$((20000 + RANDOM % 20000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  echo "$port"
}
