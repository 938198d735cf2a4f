declare module '@tabler/icons-react/dist/esm/icons/*.mjs' {
  import type { FunctionComponent } from 'react';

  const icon: FunctionComponent<{
    size?: number | string;
    stroke?: number | string;
    className?: string;
    'aria-hidden'?: boolean;
    'aria-label'?: string;
  }>;
  export default icon;
}
