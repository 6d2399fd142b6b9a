# All processes are one image (the last stage); docker-compose.yml says which command each container runs. Node runs the TypeScript as it is.
FROM node:24.21.0-bookworm-slim AS source
ENV NODE_ENV=production
WORKDIR /app
COPY . .

# `docker build --target saga`: the command line, for whoever is on call where there is no clone.
FROM source AS saga
ENV NODE_COMPILE_CACHE=/app/node_modules/.cache/countermand/compiled
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --no-audit --no-fund -w tools/saga
# What `saga replay` replays with, and what Node compiles of each command: nobody waits for either at night.
RUN node --input-type=module --eval " \
      import { DefaultLogger } from '@temporalio/worker'; \
      import { workflowBundle } from './workflows/src/temporal/bundle.ts'; \
      await workflowBundle('node_modules/.cache/countermand', new DefaultLogger('WARN'))" \
    && node --input-type=module --eval " \
      import { readdirSync } from 'node:fs'; \
      for (const room of ['commands', 'actions']) \
        for (const each of readdirSync('tools/saga/' + room)) await import('./tools/saga/' + room + '/' + each)"
USER node
ENTRYPOINT ["node", "tools/saga/main.ts"]

FROM source AS processes
# Without the tools' and tests' own dependencies: what tools/provision needs, the processes need too.
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --no-audit --no-fund \
      -w services/order -w services/inventory -w services/logistics -w services/payment -w services/gateway -w services/console \
      -w workflows
# The workflow bundle, so that no container spends seconds on it at its start.
RUN node --input-type=module --eval " \
      import { DefaultLogger } from '@temporalio/worker'; \
      import { workflowBundle } from './workflows/src/temporal/bundle.ts'; \
      await workflowBundle('node_modules/.cache/countermand', new DefaultLogger('WARN'))"
USER node
