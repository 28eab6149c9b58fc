"""Words that every part shares: errors, ids, clock, money. Imports nothing of ours."""
