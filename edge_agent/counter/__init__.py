"""The shop counter: every act that a front end can do; the till and the scripted cashier both call it."""
