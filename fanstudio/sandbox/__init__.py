"""The reference platform: a real server that issues permits and receipts, signs claims and keeps accounts."""
