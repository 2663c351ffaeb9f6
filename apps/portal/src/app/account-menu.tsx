import { KeyRound, LogOut } from 'lucide-react';
import { Menu, MenuChoice, MenuItem, MenuSeparator } from '../ui';
import { AccountButton } from './account-button';
import { paths } from './paths';
import { useSignOut } from './session';
import { setTheme, THEMES, useTheme } from './theme';

const THEME_LABELS = { system: 'As the system', light: 'Light', dark: 'Dark' } as const;

export function AccountMenu() {
  const theme = useTheme();
  const signOut = useSignOut();
  return (
    <Menu align="start" side="top" defaultOpen trigger={<AccountButton />}>
      <MenuChoice
        label="Theme"
        value={theme}
        options={THEMES.map((value) => ({ value, label: THEME_LABELS[value] }))}
        onChange={setTheme}
      />
      <MenuSeparator />
      <MenuItem icon={KeyRound} to={paths.password()}>
        Change password
      </MenuItem>
      <MenuItem icon={LogOut} onSelect={() => void signOut()}>
        Sign out
      </MenuItem>
    </Menu>
  );
}
