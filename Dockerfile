# One image for every process. The command chooses the process; the default is web.

FROM node:26-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# The optional packages bring Node and PostgreSQL. Here Node is the image's, and PostgreSQL runs as a server.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:26-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json ./
COPY migrations migrations
COPY jobs jobs
COPY workers workers
COPY src src
RUN ln -s /app/src/cli/spendwatch.js /usr/local/bin/spendwatch
# It writes only to /tmp, so the file system may be read-only. DATA_DIR is used only without DATABASE_URL or a JWT key.
USER node
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=8", "--heap-growing-percent=30", "src/main.ts", "web"]
