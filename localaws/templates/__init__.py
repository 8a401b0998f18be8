"""What a template may say: its URL, its references, the properties and attributes of its resources."""
