"""What happens in a shop, told to its own programs: written with what was counted, posted until it is taken."""
