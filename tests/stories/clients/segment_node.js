// The unmodified @segment/analytics-node, told by its arguments where to send, with which key and as whom.
const { Analytics } = require('@segment/analytics-node')
const { told, at, steps } = require('./story.js')

const [host, writeKey, name] = process.argv.slice(2)
const failures = []
const analytics = new Analytics({ host, writeKey, flushAt: 3, maxRetries: 10 })
analytics.on('error', (error) => failures.push(String(error.reason ?? error)))

const story = told(name)
const who = { userId: `user-${name}`, anonymousId: `device-${name}` }
analytics.identify({ ...who, traits: { ...story.traits, email: `${name}@example.com` }, timestamp: at(1) })
steps(story).forEach(([event, properties], index) => analytics.track({ ...who, event, properties, timestamp: at(index + 2) }))
analytics.group({ ...who, groupId: `org-${name}`, traits: story.group, timestamp: at(6) })
analytics.alias({ previousId: who.userId, userId: `new-${name}`, timestamp: at(7) })
analytics.closeAndFlush({ timeout: 30000 }).then(() => {
  if (failures.length) {
    console.error(failures.join('\n'))
    process.exit(1)
  }
})
