import { createTheme, type MantineColorsTuple } from '@mantine/core';

const ink: MantineColorsTuple = ['#eef3f8', '#dde7f0', '#b9cde0', '#93b2cf', '#6f99c0', '#4d7fad', '#3b6f9f', '#2d608f', '#23517c', '#173f63'];

const dark: MantineColorsTuple = ['#d5dae0', '#b4bcc6', '#929ca8', '#5d6875', '#3a434e', '#2c343d', '#20262d', '#191e24', '#13171c', '#0e1115'];

const fonts = '"Segoe UI Variable Text", "Segoe UI", system-ui, -apple-system, "Noto Sans", "Noto Sans SC", "Microsoft YaHei", "PingFang SC", sans-serif';

export const theme = createTheme({
  primaryColor: 'ink',
  primaryShade: { light: 7, dark: 6 },
  colors: { ink, dark },
  fontFamily: fonts,
  fontFamilyMonospace: 'ui-monospace, "Cascadia Mono", "SF Mono", Consolas, "DejaVu Sans Mono", monospace',
  fontSizes: { xs: '0.72rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.2rem' },
  defaultRadius: 'sm',
  headings: { fontFamily: fonts, fontWeight: '600' },
  cursorType: 'pointer',
  components: {
    Button: { defaultProps: { size: 'xs' } },
    TextInput: { defaultProps: { size: 'xs' } },
    PasswordInput: { defaultProps: { size: 'sm' } },
    Textarea: { defaultProps: { size: 'xs' } },
    NativeSelect: { defaultProps: { size: 'xs' } },
    Checkbox: { defaultProps: { size: 'xs' } },
    SegmentedControl: { defaultProps: { size: 'xs' } },
    Modal: { defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.35 }, transitionProps: { duration: 80 } } },
    // The first item has the focus, and a long menu can be scrolled by keys.
    Menu: { defaultProps: { shadow: 'md', transitionProps: { duration: 60 }, withInitialFocusPlaceholder: false, menuItemTabIndex: 0 } },
    Popover: { defaultProps: { shadow: 'md', transitionProps: { duration: 60 } } },
    Tooltip: { defaultProps: { openDelay: 250, withArrow: false } },
  },
});
