"""Data folders as released programs left them: each is opened, verified and gone on with by today's."""
