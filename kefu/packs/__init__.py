"""The packs that ship: data only. A folder a pack, described in docs/packs.md."""
