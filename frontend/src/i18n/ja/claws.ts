/** 自分の Claw と、Claw のウェブページ。 */
export const claws = {
  myClaw: {
    none: 'あなただけのために働く、個人用の Claw です。',
    description: '{name} はあなただけのために働きます。',
    details: '詳細',
    start: {
      title: '自分の Claw をワンクリックで',
      description: '名前、配置先、モデルは自動で決まり、1 分ほどで使えるようになります。',
      own: 'あなた専用です。ほかに見えるのは管理者だけです。',
      works: 'ここで会話することも、専用ページを開くこともできます。',
      kept: '問題が起きれば自動で再起動し、データは保たれます。',
      create: '自分の Claw を作成',
    },
  },
  clawPage: { opening: 'Claw を開いています…' },
};
