// The unmodified @segment/analytics-node, told by its arguments where to send and as whom.
const { Analytics } = require('@segment/analytics-node')

const [host, writeKey] = process.argv.slice(2)
const failures = []
const analytics = new Analytics({ host, writeKey, flushAt: 5, maxRetries: 0 })
analytics.on('error', (error) => failures.push(String(error.reason ?? error)))

const anonymousId = 'device-node'
const at = (minute) => new Date(Date.UTC(2026, 2, 1, 10, minute))
const mug = { product_id: 'P-1', sku: 'MUG', name: 'Mug', price: 19.99, quantity: 1, currency: 'PLN', cart_id: 'C-node' }
analytics.track({ anonymousId, event: 'Product Viewed', properties: mug, timestamp: at(1) })
analytics.track({ anonymousId, event: 'Product Added', properties: mug, timestamp: at(2) })
analytics.track({ anonymousId, event: 'Product Removed', properties: mug, timestamp: at(3) })
analytics.track({
  anonymousId,
  event: 'Order Completed',
  properties: { order_id: 'O-node', total: 19.99, currency: 'PLN', cart_id: 'C-node', products: [mug] },
  timestamp: at(4),
})
analytics.identify({
  anonymousId,
  userId: 'user-node',
  traits: { email: 'node@example.com', firstName: 'Nadia', lastName: 'Node' },
  timestamp: at(5),
})
analytics.closeAndFlush({ timeout: 10000 }).then(() => {
  if (failures.length) {
    console.error(failures.join('\n'))
    process.exit(1)
  }
})
