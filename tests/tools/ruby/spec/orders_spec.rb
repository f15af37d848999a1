require 'simplecov'
SimpleCov.start { enable_coverage :branch }
require_relative '../lib/orders'

RSpec.describe Orders do
  it 'has priorities' do
    expect(Orders.priority(overdue: true, critical: true)).to eq 'high'
    expect(Orders.priority({})).to eq 'low'
  end
end
