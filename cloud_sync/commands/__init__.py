"""The commands of `cloud-sync`, one file each."""
