import { chromium } from 'playwright-core'
const base='http://127.0.0.1:18742'
const b=await chromium.launch({executablePath:'/usr/bin/chromium',args:['--no-sandbox']})
const c=await b.newContext({baseURL:base,locale:'zh-CN',timezoneId:'Asia/Shanghai',viewport:{width:1440,height:900}})
const r=await c.request.post('/api/sign-in',{data:{name:process.argv[2]||'street',password:'lamp-bridge-harbour'}})
console.log('sign',r.status())
const g=async p=>{const r=await c.request.get(p);if(!r.ok())console.log(p,r.status(),(await r.text()).slice(0,200));return r.ok()?r.json():{items:[]}}
const id=(await g('/api/public/compounds?q='+encodeURIComponent('明鑫花苑'))).items[0].id
const pay=(await g('/api/payments?compound='+id)).items
console.log('payments',pay.map(p=>[p.no,p.state,p.may].join(' ')).join('; '))
const works=(await g('/api/money/projects')).items
const uses=[]
for(const w of works) console.log('work',w.compound,w.state,w.title)
const e=(await g(`/api/money/${id}/entries?limit=3`)).items
const pages={books:'/money',book:`/money/${id}`,entries:`/money/${id}/entries?open=${e[0]?.id}`,statement:`/money/${id}/statement?period=2026`,sources:`/money/${id}?part=sources`,disclosure:`/money/${id}?part=disclosure`,roles:`/money/${id}?part=roles`,closing:`/money/${id}?part=closing`,opening:`/money/${id}?part=opening`,handover:`/money/${id}?part=handover`,payments:'/money/payments',apply:`/money/payments/new?compound=${id}`,payment:'/money/payments/'+(pay.find(p=>p.state==='published')||pay[0])?.id,publishing:'/money/publishing',works:'/money/works',...(works[0]?{work:`/money/${works[0].compound}/works/${works[0].id}`,fund:`/money/${works[0].compound}/fund`}:{})}
const only=(process.argv[3]||'').split(',').filter(Boolean)
for(const [n,u] of Object.entries(pages)){ if(only.length&&!only.includes(n))continue
 for(const w of [1440,360]){ const p=await c.newPage(); await p.setViewportSize({width:w,height:900})
  const err=[];p.on('pageerror',x=>err.push(x.message));p.on('console',m=>{if(/intlify|Not found/.test(m.text())||m.type()==='error')err.push(m.text().slice(0,160))});p.on('response',r=>{if(r.status()>=400)err.push(r.status()+' '+r.url().slice(22))})
  await p.goto('/console'+u); await p.waitForFunction(()=>document.body.innerText.trim().length>4&&!document.querySelector('.bone'),undefined,{timeout:15000}).catch(()=>err.push('not settled')); await p.waitForTimeout(500)
  const wide=await p.evaluate(()=>document.documentElement.scrollWidth)
  await p.screenshot({path:`/tmp/w2shots/${n}-${w}.png`})
  console.log(n,w,wide>w?'WIDE '+wide:'',[...new Set(err)].join(' | '))
  await p.close()}}
await b.close()
