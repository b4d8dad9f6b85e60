// The story every client tells: who, and what happens minute by minute.
const fs = require('fs')
const path = require('path')

exports.told = (client) => JSON.parse(fs.readFileSync(path.join(__dirname, 'story.json'), 'utf8').replaceAll('{client}', client))
exports.at = (minute) => new Date(Date.UTC(2026, 2, 1, 10, minute))
exports.steps = (story) => [
  ['Product Viewed', story.view],
  ['Product Added', story.add],
  ['Product Removed', story.remove],
  ['Order Completed', story.order],
]
