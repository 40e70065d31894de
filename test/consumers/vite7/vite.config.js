export default { optimizeDeps: { exclude: ['minimix-web'] } }
