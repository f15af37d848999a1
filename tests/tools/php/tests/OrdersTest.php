<?php

require_once __DIR__ . '/../src/Orders.php';

class OrdersTest extends PHPUnit\Framework\TestCase
{
    public function testPriority()
    {
        $this->assertSame('high', Orders::priority(['overdue' => true, 'critical' => true]));
    }
}
