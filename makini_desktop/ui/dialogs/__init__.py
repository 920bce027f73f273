"""The dialogs: opened, never executed, so that nothing stands still behind them."""
