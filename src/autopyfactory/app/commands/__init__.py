"""The commands of `apf`, a file each."""
