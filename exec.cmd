@rem The scripts of package.json begin with exec, so that npm's signals reach Node. cmd.exe has no such command.
@%*
