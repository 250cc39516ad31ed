// Command cuobian runs the house: one program, one folder of records, a browser side inside.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"cuobian/app"
	"cuobian/basis/fault"

	"github.com/alecthomas/kong"
)

// version is set when the program is built.
var version = "development"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
}

// run is the whole program; it gives the exit code: 0 well, 1 failed, 2 asked for wrongly, others as a command says.
func run(ctx context.Context, args []string) int {
	cli := app.CLI{}
	parser, err := app.Parser(&cli, args, os.Getenv)
	if err != nil {
		fmt.Fprintln(os.Stderr, "cuobian:", err)
		return 2
	}
	if err := app.CheckEnv(parser.Model, os.Environ()); err != nil {
		fmt.Fprintln(os.Stderr, "cuobian:", err)
		return 2
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	if args[0] == "help" { // cuobian help, cuobian help import
		args = append(args[1:len(args):len(args)], "--help")
	}
	cmd, err := parser.Parse(args)
	if err != nil {
		var pe *kong.ParseError
		if errors.As(err, &pe) && pe.Context != nil {
			pe.Context.PrintUsage(true)
		}
		fmt.Fprintln(os.Stderr, "cuobian:", err)
		return 2
	}
	cmd.BindTo(ctx, (*context.Context)(nil))
	err = cmd.Run(app.Program{Version: version, Out: os.Stdout, Err: os.Stderr, In: os.Stdin})
	switch {
	case err == nil || errors.Is(err, context.Canceled):
		return 0
	case fault.IsKind(err, fault.Internal) || !isFault(err):
		fmt.Fprintln(os.Stderr, "cuobian:", err)
	default:
		f := fault.Of(err)
		fmt.Fprintf(os.Stderr, "cuobian: %s\n         %s\n", f.Zh, f.En)
		for _, x := range f.Fields {
			fmt.Fprintf(os.Stderr, "  %s: %s (%s)\n", x.Name, x.Zh, x.En)
		}
		if cause := errors.Unwrap(f); cause != nil {
			fmt.Fprintf(os.Stderr, "  because: %v\n", cause)
		}
	}
	var own interface{ ExitCode() int }
	if errors.As(err, &own) {
		return own.ExitCode()
	}
	return 1
}

func isFault(err error) bool {
	var f *fault.Fault
	return errors.As(err, &f)
}
