"""What is computed from the stored events: stock, sales, orders, device health."""
