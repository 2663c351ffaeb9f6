"""Raw rows to token ids and labels: exactly what training reads, or every reason why not."""
