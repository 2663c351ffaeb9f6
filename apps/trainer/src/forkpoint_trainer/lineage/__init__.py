"""The demonstration's base model: one pretraining run, checkpoints from early to final, and the data to fine-tune them."""
