/** 自己的 Claw，以及 Claw 的网页。 */
export const claws = {
  myClaw: {
    none: '只为你工作的个人 Claw。',
    description: '{name} 只为你工作。',
    details: '详情',
    start: {
      title: '一键拥有自己的 Claw',
      description: '名称、位置和模型都会自动安排，一分钟内即可使用。',
      own: '它属于你：除你之外，只有管理员能看到它。',
      works: '可以在这里与它对话，也可以打开它自己的页面。',
      kept: '出错时会自动重启，已有的数据会保留。',
      create: '创建我的 Claw',
    },
  },
  clawPage: { opening: '正在打开 Claw…' },
};
