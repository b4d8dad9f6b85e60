// Tell who somebody is and what they do, by Segment's own library: npm install @segment/analytics-node
//   CRM360_URL=https://crm.example.com CRM360_WRITE_KEY=wk_… node track.js
// The key: flask keys create --kind write --name web
const { Analytics } = require('@segment/analytics-node')

const analytics = new Analytics({ host: process.env.CRM360_URL, writeKey: process.env.CRM360_WRITE_KEY })
const cup = { product_id: 'K-1', name: 'Kubek', price: 39, currency: 'PLN' }
analytics.identify({ userId: 'web-2', traits: { email: 'olga.zych@example.com', name: 'Olga Zych' } })
analytics.track({ userId: 'web-2', event: 'Product Added', properties: cup })
analytics.track({
  userId: 'web-2', event: 'Order Completed',
  properties: { order_id: 'T-2', total: 39, currency: 'PLN', products: [{ ...cup, quantity: 1 }] },
})
analytics.closeAndFlush()
