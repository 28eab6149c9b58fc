"""Kinds of bills that have a form of their own: viewers of e-invoices, subscriptions, utilities, US orders."""
