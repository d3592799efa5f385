# syntax=docker/dockerfile:1
# docker build --tag lotwise . && docker run --publish 127.0.0.1:8080:8080 --volume lotwise:/var/lib/lotwise lotwise

FROM node:22-bookworm-slim AS web
WORKDIR /src/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web/ ./
RUN npm run build

FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
COPY crates crates
COPY xtask xtask
# The demonstration's fund is in the binary.
COPY examples examples
COPY --from=web /src/web/dist web/dist
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    cargo build --release --locked --package lotwise && cp target/release/lotwise /usr/local/bin/lotwise

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/lotwise --create-home --shell /usr/sbin/nologin lotwise
COPY --from=build /usr/local/bin/lotwise /usr/local/bin/lotwise
COPY LICENSE-APACHE LICENSE-MIT /usr/share/doc/lotwise/
ENV LOTWISE_LISTEN=0.0.0.0:8080 \
    LOTWISE_DATABASE=sqlite:/var/lib/lotwise/lotwise.db \
    LOTWISE_STATE_DIR=/var/lib/lotwise \
    LOTWISE_LOG_FORMAT=json
USER 10001:10001
WORKDIR /var/lib/lotwise
VOLUME /var/lib/lotwise
EXPOSE 8080
STOPSIGNAL SIGTERM
# Without a program for HTTP in the image: the shell can open a connection.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["/bin/bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /healthz HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep --quiet ' 200 '"]
ENTRYPOINT ["/usr/local/bin/lotwise"]
CMD ["serve"]
