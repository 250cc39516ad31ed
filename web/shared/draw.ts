// The only file that knows ECharts. Tooltips are drawn on the canvas: their HTML form needs inline styles, which the
// content policy refuses.
import { BarChart, LineChart } from 'echarts/charts'
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components'
import { init, use, type EChartsType } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'

use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer])

export interface Picture {
  kind: 'line' | 'bar'
  labels: string[]
  series: { name: string; values: (number | null)[]; base?: boolean }[]
  unit: string
}

export interface Drawing {
  show(p: Picture): void
  fit(): void
  end(): void
}

export function draw(el: HTMLElement): Drawing {
  const c: EChartsType = init(el, undefined, { renderer: 'canvas' })
  const css = getComputedStyle(document.documentElement)
  const v = (name: string) => css.getPropertyValue(name).trim()
  const size = document.documentElement.classList.contains('elder') ? 18 : 12
  const text = { color: v('--ink-2'), fontFamily: v('--font'), fontSize: size }
  const colours = [v('--brick'), v('--well'), v('--due-mark'), v('--ink-3')]
  return {
    show(p) {
      c.setOption(
        {
          animation: !matchMedia('(prefers-reduced-motion: reduce)').matches,
          animationDuration: 250,
          color: colours,
          textStyle: text,
          grid: { left: 8, right: 16, top: p.series.length > 1 ? 36 : 16, bottom: 8, containLabel: true },
          legend: p.series.length > 1 ? { top: 0, left: 0, textStyle: text, itemWidth: 14, itemHeight: 8 } : { show: false },
          tooltip: { trigger: 'axis', renderMode: 'richText', textStyle: { fontSize: size }, valueFormatter: (x: unknown) => `${x ?? '—'}${p.unit}` },
          xAxis: { type: 'category', data: p.labels, axisLabel: text, axisTick: { show: false }, axisLine: { lineStyle: { color: v('--line-2') } } },
          yAxis: { type: 'value', minInterval: 1, axisLabel: { ...text, formatter: `{value}${p.unit}` }, splitLine: { lineStyle: { color: v('--line') } } },
          series: p.series.map((s) => ({
            name: s.name,
            type: p.kind,
            data: s.values,
            symbolSize: 7,
            showAllSymbol: true,
            barMaxWidth: 28,
            connectNulls: false,
            lineStyle: s.base ? { type: 'dashed', width: 1.5 } : { width: 2.5 },
          })),
        },
        true,
      )
    },
    fit: () => c.resize(),
    end: () => c.dispose(),
  }
}
