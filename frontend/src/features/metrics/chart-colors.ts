import { nextTick, type Ref, shallowRef, watch } from 'vue';
import { useTheme } from '../../composables/use-theme.ts';
import type { Paint } from './metric-view.ts';

/** Colours as numbers, because a canvas knows no variables. */
export interface ChartColors {
  readonly paint: Readonly<Record<Paint, string>>;
  readonly text: string;
  readonly line: string;
  readonly surface: string;
  readonly strong: string;
}

const PAINTS: Readonly<Record<Paint, string>> = {
  primary: '--ui-primary',
  info: '--ui-info',
  warning: '--ui-warning',
  error: '--ui-error',
  neutral: '--ui-text-dimmed',
};

/** The colours of the theme that is shown, new when it changes. */
export function useChartColors(): Readonly<Ref<ChartColors>> {
  const theme = useTheme();
  const colors = shallowRef(readColors());
  watch([theme, theme.system], async () => {
    await nextTick();
    colors.value = readColors();
  });
  return colors;
}

function readColors(): ChartColors {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string): string => toRgb(style.getPropertyValue(name).trim());
  return {
    paint: Object.fromEntries(Object.entries(PAINTS).map(([paint, name]) => [paint, read(name)])) as Record<Paint, string>,
    text: read('--ui-text-muted'),
    strong: read('--ui-text-highlighted'),
    line: read('--ui-border'),
    surface: read('--ui-bg'),
  };
}

/** Whatever the style sheet calls a colour, as rgba: chart libraries read no newer words. */
function toRgb(color: string): string {
  const context = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d');
  if (!context) return color;
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0, alpha = 255] = context.getImageData(0, 0, 1, 1).data;
  return `rgba(${red}, ${green}, ${blue}, ${Math.round((alpha / 255) * 1000) / 1000})`;
}
