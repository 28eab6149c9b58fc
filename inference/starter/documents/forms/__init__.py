"""Kinds of bills with a form of their own: viewers of e-invoices, subscriptions, utilities, US orders."""
