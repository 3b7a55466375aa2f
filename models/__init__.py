"""Making and judging the demand model: thin commands over the fleet's training."""
