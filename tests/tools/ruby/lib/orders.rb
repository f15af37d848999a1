# Work orders by their state.
module Orders
  def self.priority(order)
    return 'none' if order.nil?
    if order[:overdue] && order[:critical]
      'high'
    else
      order[:overdue] ? 'medium' : 'low'
    end
  end

  def self.never
    'never'
  end
end
