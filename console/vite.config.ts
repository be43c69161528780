import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Served from `/` by the platform; while developing, what is no file of ours goes to a platform that runs beside. */
const PLATFORM = process.env['WAYMARK_URL'] ?? 'http://127.0.0.1:8911';
const DOORS = ['/api', '/v1', '/session', '/openapi.json', '/health'];

export default defineConfig({
  plugins: [react()],
  build: { target: 'es2023', chunkSizeWarningLimit: 1_100 },
  server: { proxy: Object.fromEntries(DOORS.map((path) => [path, PLATFORM])) },
});
