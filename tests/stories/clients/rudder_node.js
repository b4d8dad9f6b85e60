// The unmodified @rudderstack/rudder-sdk-node (gzip by default), told by its arguments where to send and as whom.
const RudderAnalytics = require('@rudderstack/rudder-sdk-node')
const { told, at, steps } = require('./story.js')

const [dataPlaneUrl, writeKey, name] = process.argv.slice(2)
const analytics = new RudderAnalytics(writeKey, { dataPlaneUrl, flushAt: 3, flushInterval: 100, maxInternalQueueSize: 100 })
const failures = []
const done = (error) => error && failures.push(String(error))

const story = told(name)
const who = { userId: `user-${name}`, anonymousId: `device-${name}` }
const say = (minute) => ({ originalTimestamp: at(minute) })
analytics.identify({ ...who, traits: { ...story.traits, email: `${name}@example.com` }, ...say(1) }, done)
steps(story).forEach(([event, properties], index) => analytics.track({ ...who, event, properties, ...say(index + 2) }, done))
analytics.group({ ...who, groupId: `org-${name}`, traits: story.group, ...say(6) }, done)
analytics.alias({ previousId: who.userId, userId: `new-${name}`, ...say(7) }, done)
analytics.flush().then(() => {
  if (failures.length) {
    console.error(failures.join('\n'))
    process.exit(1)
  }
})
