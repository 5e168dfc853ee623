"""Pictures and faces: finding, drawing, writing results."""
