# Assembled from this text; the readable original is ShellActivity.java.
.class final Lapp/shell/BackCallback;
.super Ljava/lang/Object;
.implements Landroid/window/OnBackInvokedCallback;
.field final activity:Lapp/shell/ShellActivity;

.method constructor <init>(Lapp/shell/ShellActivity;)V
    .registers 2
    invoke-direct {p0}, Ljava/lang/Object;-><init>()V
    iput-object p1, p0, Lapp/shell/BackCallback;->activity:Lapp/shell/ShellActivity;
    return-void
.end method

.method public onBackInvoked()V
    .registers 2
    iget-object v0, p0, Lapp/shell/BackCallback;->activity:Lapp/shell/ShellActivity;
    iget-object v0, v0, Lapp/shell/ShellActivity;->web:Landroid/webkit/WebView;
    invoke-virtual {v0}, Landroid/webkit/WebView;->goBack()V
    return-void
.end method
