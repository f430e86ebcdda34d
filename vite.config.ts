import { fileURLToPath } from 'node:url'
import griffel from '@griffel/vite-plugin'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { launchLanguages } from './scripts/launch-languages.ts'
import { withoutConditionals } from './scripts/without-conditionals.ts'

const source = (path: string) => fileURLToPath(new URL(`src/${path}`, import.meta.url))

const chunk = (name: string, packages: string) => ({
  name,
  test: new RegExp(`node_modules/(${packages})/`),
})

/** A program for Node: one file for each entry and for what they share, packages stay in node_modules. */
const program = (entries: string[], outDir: string) => ({
  consumer: 'server' as const,
  build: {
    outDir,
    emptyOutDir: false,
    ssr: true,
    target: 'node22',
    copyPublicDir: false,
    sourcemap: true,
    rolldownOptions: {
      input: entries.map(source),
      output: { entryFileNames: '[name].js', chunkFileNames: '[name].js' },
    },
  },
})

/** Vite's own helper also loads a module's imports in advance. It is as long as the rest of a small page. */
const withoutPreloading = {
  name: 'without-preloading',
  enforce: 'pre' as const,
  load: (id: string) =>
    id === '\0vite/preload-helper.js' ? 'export const __vitePreload = (load) => load()' : undefined,
}

const onlyIn = (name: string) => ({
  applyToEnvironment: (environment: { name: string }) => environment.name === name,
})

/** The pane's styles as CSS, so that it neither loads nor runs what makes CSS of them. */
const stylesOfPane = {
  ...griffel({ include: source('{addin/taskpane,browser}/**') }),
  ...onlyIn('client'),
}

/** Fluent's tokens are CSS variables of the same names. As constants, they need no table of all of them. */
const tokensAsConstants = {
  name: 'tokens-as-constants',
  ...onlyIn('client'),
  transform: {
    filter: { id: /@fluentui\/react-.*\.styles\.js$/ },
    handler: (code: string) => code.replace(/(?<![\w/])tokens\.(\w+)/g, "'var(--$1)'"),
  },
}

/** The page of an app is at an address of its own, and its source among those of the apps. */
const atItsAddress = (name: string) => ({
  name: `${name}-at-its-address`,
  enforce: 'post' as const,
  ...onlyIn(name),
  generateBundle(_: unknown, bundle: Record<string, { fileName: string }>) {
    const page = bundle[`app/${name}/index.html`]
    if (page) page.fileName = `${name}/index.html`
  },
})

/** Its files are where its address is. */
const appPage = (name: string) => ({
  consumer: 'client' as const,
  build: {
    outDir: '../dist',
    emptyOutDir: false,
    assetsDir: `${name}/assets`,
    // The policy of the page allows no `data:` for its manifest.
    assetsInlineLimit: 0,
    target: 'es2022',
    modulePreload: { polyfill: false },
    rolldownOptions: { input: source(`app/${name}/index.html`) },
  },
})

/** Everything that is built, in one `vite build`; `dist` mirrors `src`. */
export default defineConfig({
  root: source(''),
  publicDir: false,
  plugins: [
    react(),
    stylesOfPane,
    tokensAsConstants,
    withoutPreloading,
    ...['upcoming', 'room'].map(atItsAddress),
  ],
  // As the code is written: nothing inherits from `document.all`, and a field is assigned, not defined.
  oxc: {
    assumptions: { setPublicClassFields: true, noDocumentAll: true, pureGetters: true },
    typescript: { removeClassFieldsWithoutInitializer: true },
  },
  builder: {},
  environments: {
    client: {
      build: {
        outDir: '../dist',
        emptyOutDir: false,
        assetsDir: 'addin/assets',
        target: 'es2020',
        // A browser that does not preload modules loads them a moment later. No script names what another one needs.
        modulePreload: {
          polyfill: false,
          resolveDependencies: (_, needed, { hostType }) => (hostType === 'html' ? needed : []),
        },
        rolldownOptions: {
          input: ['taskpane', 'commands', 'dialog', 'redirect', 'launch-page'].map((page) =>
            source(`addin/${page}/index.html`),
          ),
          output: {
            codeSplitting: {
              groups: [
                chunk('react', 'react|react-dom|scheduler|@griffel|@emotion'),
                chunk('msal', '@azure'),
                // What every page needs, in one file.
                { name: 'page', test: /src\/addin\/(compose|functions\/associate)\.ts$/ },
              ],
            },
          },
        },
      },
    },
    /** The administrators' page. Apart, so that it changes nothing of what the pane loads. */
    console: {
      consumer: 'client',
      build: {
        outDir: '../dist',
        emptyOutDir: false,
        assetsDir: 'console/assets',
        chunkSizeWarningLimit: 2000,
        target: 'es2022',
        modulePreload: { polyfill: false },
        rolldownOptions: { input: source('console/index.html') },
      },
    },
    upcoming: appPage('upcoming'),
    room: appPage('room'),
    outlook: {
      consumer: 'client',
      build: {
        outDir: '../dist',
        emptyOutDir: false,
        assetsDir: 'simulator/outlook/assets',
        chunkSizeWarningLimit: 2000,
        target: 'es2022',
        rolldownOptions: { input: source('simulator/outlook/index.html') },
      },
    },
    frame: {
      consumer: 'client',
      build: {
        outDir: '../dist/simulator/outlook',
        emptyOutDir: false,
        target: 'es2020',
        modulePreload: false,
        lib: {
          entry: source('simulator/outlook/frame.ts'),
          formats: ['iife'],
          name: 'frame',
          fileName: () => 'frame.js',
        },
        rolldownOptions: { output: { codeSplitting: false } },
      },
    },
    functions: {
      consumer: 'client',
      build: {
        outDir: '../dist/addin',
        emptyOutDir: false,
        target: 'es2020',
        lib: {
          entry: source('addin/functions/main.ts'),
          formats: ['iife'],
          name: 'functions',
          fileName: () => 'functions.js',
        },
      },
    },
    /** For classic Outlook's JavaScript runtime: one script of ES2016, shortened without conditional operators. */
    launch: {
      consumer: 'client',
      build: {
        outDir: '../dist/addin',
        emptyOutDir: false,
        target: 'es2016',
        modulePreload: false,
        minify: false,
        lib: {
          entry: source('addin/launch-event/main.ts'),
          formats: ['iife'],
          name: 'launchEvent',
          fileName: () => 'launch-event.js',
        },
        rolldownOptions: {
          transform: { assumptions: { noDocumentAll: true } },
          plugins: [withoutConditionals(), launchLanguages()],
          output: { codeSplitting: false, minify: { compress: false, mangle: true, codegen: true } },
        },
      },
    },
    service: program(
      ['service/main.ts', 'service/admin/command.ts', 'service/database/embedded-worker.ts'],
      '../dist/service',
    ),
    companion: program(['app/companion/main.ts'], '../dist/companion'),
    terminal: program(['app/terminal/upcoming.ts'], '../dist/app'),
    simulator: program(['simulator/main.ts'], '../dist/simulator'),
  },
})
