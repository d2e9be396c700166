"""The five commands of `fleetctl updates`."""
