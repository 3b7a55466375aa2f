"""What the shop will sell: the base forecast, the features, and the model's child process."""
