/** A browser's own words as a person would say them: "Chrome · Windows". */
export function deviceName(agent: string): string {
  const browser = [
    [/MicroMessenger/, '微信 WeChat'], [/HuaweiBrowser/, 'Huawei'], [/MiuiBrowser/, 'Xiaomi'], [/Edg\//, 'Edge'], [/Firefox\//, 'Firefox'], [/Chrome\//, 'Chrome'], [/Safari\//, 'Safari'],
  ].find(([re]) => (re as RegExp).test(agent))?.[1] as string | undefined
  const system = [
    [/HarmonyOS/, 'HarmonyOS'], [/Android/, 'Android'], [/iPhone|iPad/, 'iOS'], [/Windows/, 'Windows'], [/Mac OS X/, 'macOS'], [/Linux/, 'Linux'],
  ].find(([re]) => (re as RegExp).test(agent))?.[1] as string | undefined
  return [browser, system].filter(Boolean).join(' · ') || agent.slice(0, 40) || '—'
}
