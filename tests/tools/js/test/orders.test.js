const assert = require('node:assert');
const { priority, sum } = require('../src/orders.js');
const { url } = require('../src/client.js');

test('priority', () => {
  assert.equal(priority({ overdue: true, critical: true }), 'high');
  assert.equal(priority({ overdue: false }), 'low');
});

test('sum', () => {
  assert.equal(sum([{ status: 'DONE', hours: 2 }, { status: 'HOLD' }]), 2);
});

test('url', () => {
  assert.equal(url('http://x', 'a'), 'http://x/a');
});
