// `npm start`: build, then open the simulated Outlook.
console.log('Building …')
await import('./build.mjs')
await import('../dist/simulator/main.js')
