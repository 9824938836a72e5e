"""From bytes nobody has checked to a picture that is safe to keep and to show."""
