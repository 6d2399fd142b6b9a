# One image for all processes; docker-compose.yml says which command each container runs. Node runs the TypeScript as it is.
FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY . .
# Without the tools' and tests' own dependencies: what tools/provision needs, the processes need too.
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --no-audit --no-fund \
      -w services/order -w services/inventory -w services/logistics -w services/payment -w workflows
# The workflow bundle, so that no container spends seconds on it at its start.
RUN node --input-type=module --eval " \
      import { DefaultLogger } from '@temporalio/worker'; \
      import { workflowBundle } from './workflows/src/temporal/bundle.ts'; \
      await workflowBundle('node_modules/.cache/countermand', new DefaultLogger('WARN'))"
USER node
