// The parts of Vant that the pocket uses, with their styles. Others are not in the bundle.
import { ActionSheet, Button, Cell, CellGroup, Checkbox, ConfigProvider, Field, NavBar, Picker, Popup, PullRefresh, Radio, RadioGroup, Search, Switch, Tabbar, TabbarItem } from 'vant'
import 'vant/es/action-sheet/style/index'
import 'vant/es/button/style/index'
import 'vant/es/cell/style/index'
import 'vant/es/cell-group/style/index'
import 'vant/es/checkbox/style/index'
import 'vant/es/config-provider/style/index'
import 'vant/es/dialog/style/index'
import 'vant/es/field/style/index'
import 'vant/es/nav-bar/style/index'
import 'vant/es/picker/style/index'
import 'vant/es/popup/style/index'
import 'vant/es/pull-refresh/style/index'
import 'vant/es/radio/style/index'
import 'vant/es/radio-group/style/index'
import 'vant/es/search/style/index'
import 'vant/es/switch/style/index'
import 'vant/es/tabbar/style/index'
import 'vant/es/tabbar-item/style/index'
import 'vant/es/toast/style/index'
import type { App } from 'vue'

export function fitOut(app: App): void {
  for (const part of [ActionSheet, Button, Cell, CellGroup, Checkbox, ConfigProvider, Field, NavBar, Picker, Popup, PullRefresh, Radio, RadioGroup, Search, Switch, Tabbar, TabbarItem]) app.use(part)
}
