# The program and nothing else: no shell, no package, no root. Data lies in /data.
#   docker build -t cuobian .
#   docker run -p 8080:8080 -v cuobian:/data cuobian
FROM node:20-bookworm-slim AS web
WORKDIR /src/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web ./
RUN npm run build

FROM golang:1.26-bookworm AS program
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=web /src/web/dist web/dist
ARG VERSION=unknown
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$VERSION" -o /cuobian ./cmd/cuobian
RUN mkdir -p /empty/data /empty/tmp && chmod 1777 /empty/tmp && chown -R 65532:65532 /empty/data

FROM scratch
COPY --from=program /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=program /empty/tmp /tmp
COPY --from=program --chown=65532:65532 /empty/data /data
COPY --from=program /cuobian /cuobian
COPY LICENSE NOTICE /
USER 65532:65532
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
ENTRYPOINT ["/cuobian"]
CMD ["serve", "--data", "/data", "--addr", "0.0.0.0:8080"]
