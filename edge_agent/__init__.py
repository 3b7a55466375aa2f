"""The till: sells, remembers, predicts, reorders and syncs on one device in the shop."""
