<?php

class Orders
{
    public static function priority($order)
    {
        if ($order === null) {
            return 'none';
        }
        if ($order['overdue'] && $order['critical']) {
            return 'high';
        }
        return $order['overdue'] ? 'medium' : 'low';
    }

    public static function never()
    {
        return 'never';
    }
}
