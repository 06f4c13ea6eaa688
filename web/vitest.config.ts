import { defineConfig } from "vitest/config";

export default defineConfig({ test: { environment: "jsdom", pool: "vmThreads", setupFiles: ["tests/setup.ts"], include: ["tests/**/*.test.ts"], restoreMocks: true } });
